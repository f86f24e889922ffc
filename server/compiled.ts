import * as z from "zod/mini";
import { kinds } from "#domain/kinds.ts";

/**
 * The schema, its objects and those inside of it read by code that is made for them once, as zod's full API does: two to three times as
 * fast. zod/mini interprets them, because a page may make no code at run time (its CSP). Accepts the same, with the same issues.
 */
export const compiled = <Schema extends z.core.$ZodType>(schema: Schema): Schema => {
  compileOnce(schema as unknown as z.core.$ZodTypes);
  return schema;
};

const seen = new WeakSet<z.core.$ZodType>();

const compileOnce = (schema: z.core.$ZodTypes): void => {
  if (seen.has(schema)) return;
  seen.add(schema);
  const { def } = schema._zod;
  for (const part of partsOf(def)) compileOnce(part as z.core.$ZodTypes);
  if (def.type !== "object") return;
  z.core.$ZodObjectJIT.init(schema as z.core.$ZodObject, def);
  // Without checks of its own a schema runs its parser itself, and had taken the one before.
  if (!def.checks?.length) schema._zod.run = schema._zod.parse;
};

const partsOf = (def: z.core.$ZodTypes["_zod"]["def"]): readonly z.core.$ZodType[] => {
  switch (def.type) {
    case "object":
      return [...Object.values(def.shape), ...(def.catchall ? [def.catchall] : [])];
    case "optional":
    case "nullable":
    case "default":
    case "readonly":
      return [def.innerType];
    case "array":
      return [def.element];
    case "record":
      return [def.valueType];
    case "union":
      return def.options;
    default:
      return [];
  }
};

// What every server reads, at every fold.
for (const body of Object.values(kinds)) compiled(body);
