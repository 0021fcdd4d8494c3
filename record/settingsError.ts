/** Wrong usage or settings, which the user must fix. Commands end with exit code 2. */
export class SettingsError extends Error {}
