import { request } from "node:http";

interface Page {
  status: number;
  location: string | undefined;
  text: string;
}

/** Somebody's browser at a provider on this machine: keeps cookies, follows redirects until they leave the provider. */
const browse = async (cookies: Map<string, string>, address: string, form?: string): Promise<Page> => {
  const to = new URL(address);
  const page = await new Promise<Page>((resolve, reject) => {
    const asked = request(
      to,
      {
        hostname: "127.0.0.1",
        method: form === undefined ? "GET" : "POST",
        headers: {
          host: to.host,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
        },
      },
      (answer) => {
        for (const line of answer.headers["set-cookie"] ?? []) {
          const [name = "", value = ""] = line.split(";", 1)[0]!.split(/=(.*)/s);
          if (value === "") cookies.delete(name);
          else cookies.set(name, value);
        }
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            location: answer.headers.location,
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    asked.on("error", reject);
    asked.end(form);
  });
  const next = page.location === undefined ? undefined : new URL(page.location, to);
  return next?.host === to.host ? browse(cookies, next.href) : page;
};

/** Signs in at the demonstration provider's page; resolves to the query that it sends the browser back to the app with. */
export const visitProvider = async (address: string, userId: string): Promise<string> => {
  const cookies = new Map<string, string>();
  const page = await browse(cookies, address);
  const action = /<form method="post" action="([^"]+)"/.exec(page.text)?.[1];
  if (action === undefined) throw new Error(`no sign-in page: ${page.status} ${page.text.slice(0, 500)}`);
  const code = /class="code">(\d+)</.exec(page.text)?.[1] ?? "";
  const form = new URLSearchParams({ person: userId, code });
  const back = await browse(cookies, new URL(action, address).href, form.toString());
  if (back.location === undefined) throw new Error(`not sent back: ${back.status} ${back.text.slice(0, 500)}`);
  return new URL(back.location).search;
};
