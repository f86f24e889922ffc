import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import { ProblemError } from "#server/http/problem-error.ts";
import type { OperationOutcome, OperationOutcomeIssue } from "#sharing/fhir/r4.ts";

export const fhirJson = "application/fhir+json; charset=utf-8";

const issueCodes: Record<number, OperationOutcomeIssue["code"]> = {
  400: "invalid",
  401: "login",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  406: "not-supported",
  410: "deleted",
  429: "throttled",
  503: "transient",
};

/** Under FHIR every refusal is an OperationOutcome, in FHIR's vocabulary; it holds the words of the problem, never data. */
export const answerOutcomes = (fhir: FastifyInstance): void => {
  fhir.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ProblemError) return outcome(reply, error);
    const status = error.statusCode ?? 500;
    if (status < 500)
      return outcome(reply, new ProblemError(status, "bad-request", "The request cannot be read.", "Check it."));
    request.log.error({ code: error.code, name: error.name }, "failed");
    return outcome(reply, new ProblemError(503, "unavailable", "The server cannot do this now.", "Try again.", 2_000));
  });
  fhir.setNotFoundHandler((_request, reply) =>
    outcome(
      reply,
      new ProblemError(
        404,
        "not-supported",
        "There is nothing here.",
        "Read /fhir/R4/metadata: resources are read by id.",
      ),
    ),
  );
};

const outcome = (reply: FastifyReply, { status, problem }: ProblemError) => {
  const body: OperationOutcome = {
    resourceType: "OperationOutcome",
    issue: [
      {
        severity: "error",
        code: issueCodes[status] ?? (status < 500 ? "processing" : "exception"),
        details: {
          coding: [{ system: "https://holdfast.example/fhir/problem", code: problem.code }],
          text: problem.title,
        },
        diagnostics: problem.todo,
      },
    ],
  };
  if (problem.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(problem.retryAfterMs / 1000));
  return reply.code(status).type(fhirJson).send(JSON.stringify(body));
};
