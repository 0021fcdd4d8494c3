/** A call of an AWS API as it arrived. */
export interface Call {
  service: string;
  method: string;
  /** Path and query. */
  url: string;
  /** The action, for example `ssm:PutParameter`. */
  action: string;
  body: Buffer;
  caller: string;
}
