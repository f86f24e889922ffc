/** What cameras and eyes keep up with; the crew can go slower and faster. */
export const framesPerSecondDefault = 6;
