import type { PushAnswer } from "#protocol/push.ts";
import type { Sequencer } from "#sync/sequencer.ts";
import type { HeldLog } from "./held-log.ts";

/**
 * A sequencer over what is held, which acknowledges nothing: whatever was stored is answered `held`, so that its sender keeps it for the
 * base. What the archive has already is a `duplicate`, as at the base.
 */
export const answeringHeld = (sequencer: Sequencer, log: Pick<HeldLog, "held">): Sequencer => ({
  ...sequencer,
  submit: async (request) => {
    const { answers, need } = await sequencer.submit(request);
    const held = await log.held(answers.map(({ hash }) => hash));
    const asHeld = ({ hash, answer, code }: PushAnswer): PushAnswer =>
      held.has(hash) ? { hash, answer: "held" } : { hash, answer, ...(code !== undefined && { code }) };
    return { answers: answers.map(asHeld), need };
  },
});
