import { once } from "node:events";
import { connect } from "node:net";
import { checkAccepted, type PreparedPush } from "./pushes.ts";

/**
 * One kept connection that sends pushes written out beforehand, and leaves their answers unread: what thousands of tablets
 * compute for themselves is not the server's time, and here they share its two cores.
 */
export interface PushLine {
  /** Resolves when the whole answer has come. */
  send(push: WrittenPush): Promise<void>;
  /** Reads what was answered since the last time; anything but `accepted` ends the measurement. */
  check(): void;
  close(): void;
}

/** A push with its HTTP request. */
export interface WrittenPush extends PreparedPush {
  request: Buffer;
}

export const writeOut = (push: PreparedPush, host: string): WrittenPush => {
  const head = [
    "POST /sync/v1/push HTTP/1.1",
    `host: ${host}`,
    `authorization: DPoP ${push.device.token}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(push.body)}`,
  ];
  return { ...push, request: Buffer.from(`${head.join("\r\n")}\r\n\r\n${push.body}`) };
};

export const openPushLine = async (port: number): Promise<PushLine> => {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  await once(socket, "connect");
  const answered: { push: WrittenPush; answer: Buffer }[] = [];
  let waiting: { resolve(): void; reject(error: Error): void } | undefined;
  let come: Buffer[] = [];
  let push: WrittenPush | undefined;
  socket.on("data", (bytes: Buffer) => {
    come.push(bytes);
    const answer = come.length === 1 ? bytes : Buffer.concat(come);
    if (!isWhole(answer)) return;
    answered.push({ push: push!, answer });
    come = [];
    waiting?.resolve();
  });
  const broken = () => waiting?.reject(new Error("the server closed the connection"));
  socket.on("error", broken).on("close", broken);
  return {
    send: (next) => {
      push = next;
      socket.write(next.request);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    check: () => {
      for (const { push, answer } of answered.splice(0)) {
        const [head, body] = [answer.toString("utf8", 0, answer.indexOf(blankLine)), bodyOf(answer)];
        checkAccepted(push, Number(head.split(" ", 2)[1]), body.toString());
      }
    },
    close: () => socket.destroy(),
  };
};

const blankLine = Buffer.from("\r\n\r\n");
const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf(blankLine) + blankLine.length);

const isWhole = (answer: Buffer): boolean => {
  const end = answer.indexOf(blankLine);
  if (end === -1) return false;
  const length = /content-length: (\d+)/i.exec(answer.toString("latin1", 0, end))?.[1];
  if (length === undefined) throw new Error("the answer to a push does not say how long it is");
  return answer.length >= end + blankLine.length + Number(length);
};
