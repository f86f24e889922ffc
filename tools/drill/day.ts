import { enrolNodeDevice } from "#demo/node-client.ts";
import { deskCodes } from "#server/identity/demonstration-roster.ts";
import { attacked } from "./places.ts";
import { playScene, type SceneNotes, type SceneResult } from "./scene.ts";
import { normalAgain, oldBaseComesBack, restoredByShares } from "./scenes/aftermath.ts";
import { diskFull, normalWork, witnessGone } from "./scenes/archive-troubles.ts";
import { backAfterThreeDays, goOffline, refilled } from "./scenes/coming-back.ts";
import { type AtTheKill, destroyBase, openBoard } from "./scenes/destroyed.ts";
import { otherTrust } from "./scenes/other-trust.ts";
import { promotion } from "./scenes/promotion.ts";
import { theft } from "./scenes/theft.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";

export interface DayOptions extends StageOptions {
  /** Before each scene, and once more at the end. */
  onScene?(done: number, of: number, next: string): void;
  /** Ends the day after the scene that is played. */
  signal?: AbortSignal;
  /** For a test that plants a fault: before what devices wrote down is compared for the last time. */
  beforeTheEnd?(stage: Stage): void;
}

/** Plays the day from the first scene to the last, on servers of its own, which end with it. */
export const playDay = async (options: DayOptions): Promise<SceneResult[]> => {
  const played: SceneResult[] = [];
  let stage: Stage | undefined;
  options.onScene?.(0, 1, "everything starts");
  played.push(
    await playScene("everything starts", async () => {
      stage = await openStage(options);
    }),
  );
  if (stage === undefined) return played;
  try {
    const scenes = scenesOn(stage, options);
    for (const [index, [name, play]] of scenes.entries()) {
      options.onScene?.(index, scenes.length, name);
      const result = await playScene(name, play);
      for (const [server, { diedOf }] of Object.entries(stage.servers))
        if (diedOf() !== undefined) result.faults.push(`the process of ${server} died: ${diedOf()}`);
      played.push(result);
      if (!options.signal?.aborted) continue;
      result.faults.push("the drill was ended here");
      break;
    }
    options.onScene?.(scenes.length, scenes.length, "done");
    return played;
  } finally {
    await stage.close();
  }
};

type Scene = [name: string, play: (notes: SceneNotes) => Promise<void>];

const scenesOn = (stage: Stage, { beforeTheEnd }: DayOptions): Scene[] => {
  const { tablets } = stage;
  const late = tablets.at(-1)!;
  const away = tablets.slice(-1 - Math.max(2, Math.floor(tablets.length / 10)), -1);
  let operatorToken = "";
  let kill: AtTheKill | undefined;
  const atTheKill = (): AtTheKill => {
    if (kill === undefined) throw new Error("the base was not destroyed");
    return kill;
  };
  return [
    [
      "normal work",
      async (notes) => {
        await normalWork(stage, notes);
        operatorToken = await tokenOfDesk(stage);
        goOffline([...away, late]);
      },
    ],
    ["the archive's disk is full, and has room again", (notes) => diskFull(stage, notes)],
    ["the witness is gone, and comes back", (notes) => witnessGone(stage, notes)],
    [
      "the base is killed under load, and its data encrypted",
      async (notes) => {
        kill = await destroyBase(stage, notes);
      },
    ],
    ["the open boards go on at the standby", (notes) => openBoard(stage, notes, atTheKill())],
    ["the base's secrets and an operator's token are stolen", (notes) => theft(stage, notes, operatorToken)],
    ["the standby becomes the base", (notes) => promotion(stage, notes)],
    ["tablets come back after three days", (notes) => backAfterThreeDays(stage, notes, away)],
    ["devices bring back what the archive lacked", (notes) => refilled(stage, notes, atTheKill().acknowledged)],
    ["the old base comes back from a copy", (notes) => oldBaseComesBack(stage, notes, late)],
    [
      "normal again",
      async (notes) => {
        beforeTheEnd?.(stage);
        await normalAgain(stage, notes);
      },
    ],
    ["a restore by the officers' shares alone", (notes) => restoredByShares(stage, notes)],
    ["the other trust, all day", (notes) => otherTrust(stage, notes, atTheKill().at)],
  ];
};

/** Of a desk of the trust's: what whoever has taken over an operator's machine has. */
const tokenOfDesk = async ({ places }: Stage): Promise<string> => {
  const [code] = deskCodes;
  const host = `control.${attacked}.localhost`;
  const desk = await enrolNodeDevice({ host, port: places.ports.base.control, code: code!, name: "Drill desk" });
  desk.close();
  return desk.enrolment.token;
};
