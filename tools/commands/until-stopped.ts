/** Resolves after SIGINT or SIGTERM, once the server has finished what it was doing. A second signal ends at once. */
export const untilStopped = (
  server: { close(): Promise<void> },
  before: () => Promise<void> = async () => {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(1);
      stopping = true;
      before()
        .then(() => server.close())
        .then(resolve, reject);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
