/** Stands in for a secret whose value is unknown: commands that do not ask Pulumi cannot read it. */
export const secretText = "[secret]";
