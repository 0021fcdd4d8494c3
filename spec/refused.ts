/** First line of the error for settings that break a rule; tools recognise the error by this line. */
export const settingsRefused = "The stack's settings are refused, nothing was made:";
