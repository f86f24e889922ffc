import type { FastifyInstance } from "fastify";
import { SetupProblem } from "../config.ts";

/** Resolves to the port that was bound; 0 is any free one. Throws SetupProblem where it is taken: `who` listens there, and `todo` is what to set. */
export const listenOn = async (
  app: FastifyInstance,
  { host, port, who, todo }: { host: string; port: number; who: string; todo: string },
): Promise<number> => {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new SetupProblem(
      "port-taken",
      `Port ${port} on ${host} is taken, so ${who} cannot listen.`,
      `stop what uses it, or ${todo}.`,
    );
  }
  return (app.server.address() as { port: number }).port;
};
