/** Subject of the control log, kind `proof`: what the last run found. */
export const proofSubjectId = "logs";
