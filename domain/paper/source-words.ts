import type { Author } from "../entry/entry.ts";

/** ` · from paper form NM-48210001-007-38, read off by Jo Field`; nothing for what was written on a device. */
export const sourceText = ({ transcribedBy }: Author): string =>
  transcribedBy === undefined ? "" : ` · from paper form ${transcribedBy.paper}, read off by ${transcribedBy.name}`;
