/** Stands where a secret stands whose value is not known: commands that ask no Pulumi cannot read one. */
export const secretText = "[secret]";
