import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageLimit, unary } from "../record/unary";
import { messages, type Provider } from "../record/sdk";

const proto = messages.provider;

/**
 * Serves a Pulumi plugin as the engine expects it: on a loopback port, printed as the first line, until the engine that
 * started it is gone.
 */
export async function servePlugin(
  service: grpc.ServiceDefinition,
  implementation: UntypedServiceImplementation,
): Promise<void> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": messageLimit,
    "grpc.max_send_message_length": messageLimit,
  });
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  console.log(port);
  // The engine holds the other end open for as long as it lives.
  process.stdin.on("end", () => process.exit()).resume();
}

/** The part of a provider that checks no inputs and looks nothing up: it believes the state. */
export const trusting: UntypedServiceImplementation = {
  checkConfig: unary((request: Provider.CheckRequest) =>
    new proto.CheckResponse().setInputs(request.getNews()),
  ),
  check: unary((request: Provider.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
  read: unary((request: Provider.ReadRequest) =>
    new proto.ReadResponse()
      .setId(request.getId())
      .setInputs(request.getInputs())
      .setProperties(request.getProperties()),
  ),
  cancel: unary(() => new Empty()),
};

/** The type of the resource that a request is about: the last one in its URN's chain. */
export function typeOf(request: { getUrn(): string }): string {
  return request.getUrn().split("::")[2]!.split("$").at(-1)!;
}
