/** FHIR R4's types. Their package has no `exports`: an ES module finds them only by the full file name. */
export type * from "fhir/r4.js";
