/** Why, in the person's own words, percent-encoded UTF-8: it opens what asks for a reason. Kept sealed in the access log alone. */
export const reasonHeader = "holdfast-reason";
export const reasonLengthMax = 300;
