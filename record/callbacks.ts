import * as grpc from "@grpc/grpc-js";
import { messages, services, type Callback } from "./sdk";
import { messageLimit } from "./unary";

/** A function of the program that the engine may call. */
export interface ProgramCallback {
  /** Address on which the program serves it. */
  target: string;
  token: string;
}

/** The callback in a request, which must have one. */
export function callbackOf(callback: Callback.Callback | undefined): ProgramCallback {
  const { target, token } = callback!.toObject();
  return { target, token };
}

/** Calls functions of the program, which it serves over gRPC. */
export class Callbacks {
  private readonly clients = new Map<string, InstanceType<typeof services.callbacks.CallbacksClient>>();

  /**
   * Calls one function.
   * @throws Error with the message of what it threw
   */
  async call({ target, token }: ProgramCallback, request: Uint8Array): Promise<Uint8Array> {
    const invoke = new messages.callback.CallbackInvokeRequest().setToken(token).setRequest(request);
    const client = this.client(target);
    const answer = await new Promise<Callback.CallbackInvokeResponse>((done, fail) =>
      client.invoke(invoke, (error, response) => (error ? fail(new Error(error.details)) : done(response))),
    );
    return answer.getResponse_asU8();
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private client(target: string): InstanceType<typeof services.callbacks.CallbacksClient> {
    const known = this.clients.get(target);
    if (known !== undefined) return known;
    const client = new services.callbacks.CallbacksClient(target, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": messageLimit,
      "grpc.max_send_message_length": messageLimit,
    });
    this.clients.set(target, client);
    return client;
  }
}
