/** What ends a command: Ctrl-C, a supervisor, the terminal that is closed. */
export const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves after one of them, once the server has finished what it was doing. A second signal ends at once. */
export const untilStopped = (server: { close(): Promise<void> }): Promise<void> =>
  new Promise((resolve, reject) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(1);
      stopping = true;
      server.close().then(resolve, reject);
    };
    for (const signal of signals) process.on(signal, stop);
  });
