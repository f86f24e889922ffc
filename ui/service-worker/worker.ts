/** One file of the build: `revision` is its hash, or null where the hash is in the name already. */
interface PrecachedFile {
  url: string;
  revision: string | null;
}

declare const self: ServiceWorkerGlobalScope;

/** What the page asks of a waiting worker; it asks only while no record is open. */
const takeOverMessage = "holdfast-take-over";

/** The cells' addresses: from the network when there is one, else as last heard. */
const endpointsPath = "/endpoints.json";
const endpointsTimeoutMs = 3_000;

/** The same files always give the same cache name (FNV-1a): a build that changes nothing fetches nothing. */
const cacheNameOf = (app: string, files: readonly PrecachedFile[]): string => {
  let hash = 0x811c9dc5;
  for (const character of files.map(({ url, revision }) => `${url} ${revision}`).join("\n")) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return `holdfast-${app}-${hash.toString(16)}`;
};

/**
 * The worker of both apps: the whole app is kept before it serves anything, so that it starts cold with no network, and it
 * never swaps under an open record. A new build waits until a page, which knows that no record is open, says so; with
 * several windows open it goes on waiting, because one page cannot speak for another.
 */
export const startWorker = (app: string, files: readonly PrecachedFile[]): void => {
  const cacheName = cacheNameOf(app, files);
  const endpointsCache = `holdfast-${app}-endpoints`;
  const paths = new Set(files.map(({ url }) => new URL(url, self.location.origin).pathname));

  const keepAll = async () => {
    const cache = await caches.open(cacheName);
    // Past the browser's own cache, which may hold another build's index.html.
    await cache.addAll([...paths].map((path) => new Request(path, { cache: "reload" })));
    // The first page asked for the list before there was a worker to keep it. Without a list the app still works.
    await endpoints(new Request(endpointsPath));
  };

  const dropOthers = async () => {
    const names = await caches.keys();
    const ours = names.filter((name) => name.startsWith(`holdfast-${app}-`));
    const old = ours.filter((name) => name !== cacheName && name !== endpointsCache);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };

  const fromCache = async (path: string, request: Request): Promise<Response> => {
    const cache = await caches.open(cacheName);
    return (await cache.match(path)) ?? fetch(request);
  };

  const endpoints = async (request: Request): Promise<Response> => {
    const cache = await caches.open(endpointsCache);
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(endpointsTimeoutMs) });
      // A guest network's sign-in page is not a list of endpoints.
      if (!response.ok || !response.headers.get("content-type")?.includes("json")) throw new Error("not the list");
      await cache.put(endpointsPath, response.clone());
      return response;
    } catch {
      return (await cache.match(endpointsPath)) ?? Response.error();
    }
  };

  const takeOver = async (asking: ExtendableMessageEvent["source"]) => {
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    // A page that asked and is being unloaded is not in the list any more: then the one window left is not the one that asked.
    const isAlone = windows.length === 1 && asking instanceof WindowClient && windows[0]?.id === asking.id;
    if (isAlone) await self.skipWaiting();
  };

  self.addEventListener("install", (event) => event.waitUntil(keepAll()));
  self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));
  self.addEventListener("message", (event) => {
    if (event.data === takeOverMessage) event.waitUntil(takeOver(event.source));
  });
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin || request.method !== "GET") return;
    if (request.mode === "navigate") return event.respondWith(fromCache("/index.html", request));
    if (url.pathname === endpointsPath) return event.respondWith(endpoints(request));
    if (paths.has(url.pathname)) event.respondWith(fromCache(url.pathname, request));
  });
};
