import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { CustomFetch } from "openid-client";

const answerBytesMax = 1_000_000;

/** The provider cannot be reached, broke off, or said itself that it cannot answer (5xx). */
export class ProviderSilent extends Error {
  constructor(options?: ErrorOptions) {
    super("The provider does not answer.", options);
    this.name = "ProviderSilent";
  }
}

/**
 * One request to a sign-in provider, for openid-client: no redirect is followed, an answer has a size, and names below
 * `.localhost`, which Node does not resolve, are this machine. Rejects with ProviderSilent, or an Error for an answer that
 * is too large.
 */
export const providerFetch: CustomFetch = (url, { body, headers, method, signal }) =>
  new Promise((resolve, reject) => {
    const to = new URL(url);
    const isLocal = to.hostname.endsWith(".localhost");
    const request = to.protocol === "https:" ? requestHttps : requestHttp;
    const sent = request(
      to,
      {
        method,
        headers: { ...headers, host: to.host },
        ...(isLocal && { hostname: "127.0.0.1" }),
        ...(signal && { signal }),
      },
      (answer) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        answer.on("data", (part: Buffer) => {
          bytes += part.length;
          parts.push(part);
          if (bytes <= answerBytesMax) return;
          reject(new Error("The provider's answer is too large."));
          answer.destroy();
        });
        answer.on("error", (cause) => reject(new ProviderSilent({ cause })));
        answer.on("end", () => {
          const status = answer.statusCode ?? 500;
          if (status >= 500) return reject(new ProviderSilent());
          const told = new Headers();
          for (const [name, value] of Object.entries(answer.headers))
            if (value !== undefined) told.set(name, String(value));
          resolve(
            new Response(status === 204 || status === 304 ? null : Buffer.concat(parts), { status, headers: told }),
          );
        });
      },
    );
    sent.on("error", (cause) => reject(new ProviderSilent({ cause })));
    if (body instanceof URLSearchParams)
      sent.setHeader("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    sent.end(body == null ? undefined : String(body));
  });
