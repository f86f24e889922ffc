import { describe, expect, test } from "vitest";
import { call } from "#test/boot.ts";
import { useServer } from "#test/set-up.ts";

const apps = ["tablet", "hospital", "control"];

/** Names in libraries that look like addresses and are never fetched: XML namespaces, and where an error is explained. */
const names = new Set(["www.w3.org", "react.dev", "simplewebauthn.dev", "tinyurl.com", "bit.ly"]);

/** Whatever a file of ours could make a browser fetch from elsewhere: absolute addresses, and those without a scheme. */
const foreignIn = (text: string): string[] => {
  const absolute = [...text.matchAll(/\b(?:https?|wss?|ftp):\/\/([\w.-]+\.[\w-]+)/g)].map(([, host]) => host!);
  const relative = [...text.matchAll(/(?:src|href|url\(|import\(?)\s*=?\s*["'(]?\/\/([\w.-]+\.\w+)/g)].map(
    ([, host]) => host!,
  );
  return [...absolute, ...relative].filter((host) => !names.has(host));
};

/** Paths that a page, a style sheet, a manifest or a script names. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/["'(](\/?(?:assets\/)?[\w.-]+\.(?:js|css|woff2|svg|png|webmanifest|html))["')]/g)].map(
    ([, path]) => (path!.startsWith("/") ? path! : `/${path!}`),
  );

describe("the web apps", () => {
  const server = useServer();

  /** Every file that can be reached from the page, with what it says and the policy it came with. */
  const crawl = async (app: string) => {
    const files = new Map<string, { text: string; policy: string }>();
    const waiting = ["/", "/service-worker.js"];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (files.has(path)) continue;
      const answer = await call(server, { zone: "app", path, host: `${app}.localhost` });
      // A word in a script may look like a file of ours and be none.
      if (answer.status === 404) continue;
      expect(answer.status, path).toBe(200);
      files.set(path, { text: answer.text, policy: String(answer.headers["content-security-policy"]) });
      waiting.push(...pathsIn(answer.text));
    }
    return files;
  };

  test.each(apps)("%s names no origin but its own and its cells'", async (app) => {
    const files = await crawl(app);
    const kinds = new Set([...files.keys()].map((path) => path.split(".").at(-1)));
    for (const kind of ["js", "css", "woff2", "webmanifest"]) expect(kinds, kind).toContain(kind);
    const foreign = [...files].flatMap(([path, { text }]) => foreignIn(text).map((host) => `${path}: ${host}`));
    expect(foreign).toEqual([]);
    console.log(`${app}: ${files.size} files crawled`);
  });

  test.each(apps)("%s comes with a policy that allows nothing inline and nobody else", async (app) => {
    const cells = server.addresses.cells.flatMap(({ crew, care, control }) => [crew, care, control]);
    const own = new Set([...cells, ...cells.map((origin) => origin.replace("http", "ws"))]);
    for (const [path, { text, policy }] of await crawl(app)) {
      const directives = new Map(policy.split(";").map((each) => [each.split(" ")[0]!, each.split(" ").slice(1)]));
      expect(policy, path).not.toMatch(/unsafe|\*|https?:(?!\/\/)|strict-dynamic/);
      expect(directives.get("default-src")).toEqual(["'none'"]);
      expect(directives.get("script-src")).toEqual(["'self'"]);
      expect(directives.get("style-src")).toEqual(["'self'"]);
      expect(directives.get("connect-src")!.filter((source) => source !== "'self'" && !own.has(source))).toEqual([]);
      if (path === "/") expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
    }
  });

  test("control: a foreign font, script, socket or address without a scheme is found", () => {
    for (const text of [
      '<link href="https://fonts.example.com/a.css">',
      'new WebSocket("wss://push.example.org/x")',
      'src="//cdn.example.net/x.js"',
      "url(//cdn.example.net/x.woff2)",
    ])
      expect(foreignIn(text), text).toHaveLength(1);
  });
});
