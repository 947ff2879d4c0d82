export { createDoorward } from "./client.js";
export type { Doorward, Snapshot } from "./doorward.js";
export type { Environment } from "./environment.js";
export type { Fetch } from "./fetch.js";
export { DoorwardError, NetworkError } from "./problem.js";
export type { Options, StepUpDemand } from "./settings.js";
export type { Status } from "./state.js";
export type * from "./types.js";
export type { Ceremony } from "./webauthn.js";
