/** First line of the error for settings that break a rule; tools tell it by this line from other failures. */
export const settingsRefused = "The stack's settings are refused, nothing was made:";
