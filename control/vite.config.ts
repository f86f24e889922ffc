import { appConfig } from "../tools/app-config.ts";

export default appConfig("control");
