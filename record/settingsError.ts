/** Wrong usage or settings: what the user must mend. Commands end with exit code 2. */
export class SettingsError extends Error {}
