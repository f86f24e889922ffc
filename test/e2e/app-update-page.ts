import { keepAppCurrent } from "#client/app-update.ts";

/** A page as small as possible around the shipped update code: the address says whether a record is open. */
void keepAppCurrent(() => !location.hash.startsWith("#/record"));
