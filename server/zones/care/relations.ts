import type { Relation } from "#defence/access/words.ts";
import type { Cell } from "../../cell.ts";
import { uuids } from "../../postgres/binary-array.ts";

/** How a site stands to these records; `none` also for one that is not there: the two look alike. */
export const siteRelations = async (
  cell: Cell,
  siteId: string,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, Relation>> => {
  const relations = new Map<string, Relation>(recordIds.map((recordId) => [recordId, "none"]));
  if (recordIds.length === 0) return relations;
  const { rows } = await cell.pools.care.query<{ record_id: string; coming: boolean }>({
    name: "site-relations",
    text: "SELECT record_id, coming FROM relations_for_site($1, $2::uuid[])",
    values: [siteId, uuids(recordIds)],
  });
  for (const { record_id, coming } of rows)
    relations.set(record_id, coming ? "coming-to-my-site" : "shared-with-my-site");
  return relations;
};
