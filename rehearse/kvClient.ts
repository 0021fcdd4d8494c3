import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A client's trust and identity, all PEM. */
export interface ClientIdentity {
  ca: string;
  cert: string;
  key: string;
}

type Call<Request, Response> = (
  request: Request,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  done: (error: grpc.ServiceError | null, response: Response) => void,
) => void;

interface KvStub extends grpc.Client {
  Put: Call<{ key: Buffer; value: Buffer }, unknown>;
  Range: Call<{ key: Buffer; rangeEnd?: Buffer }, { kvs: { key: Buffer; value: Buffer }[] }>;
}

const loaded = grpc.loadPackageDefinition(
  loadSync(join(__dirname, "kv.proto"), { longs: String }),
) as unknown as {
  etcdserverpb: { KV: grpc.ServiceClientConstructor };
};

/** etcd's key-value API through one member, as an API server speaks it: gRPC with a client certificate. */
export class KvClient {
  private readonly stub: KvStub;

  /**
   * @param endpoint `host:port` of a member's client listener
   * @param serverName DNS name that the member's certificate must carry
   */
  constructor(
    readonly endpoint: string,
    serverName: string,
    { ca, cert, key }: ClientIdentity,
  ) {
    const credentials = grpc.credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));
    this.stub = new loaded.etcdserverpb.KV(endpoint, credentials, {
      "grpc.ssl_target_name_override": serverName,
      // Retry a member that was down at once: its return is what we measure.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 200,
    }) as unknown as KvStub;
  }

  /** Writes one key. Rejects if etcd does not acknowledge it within the timeout, in milliseconds. */
  async put(key: string, value: string, timeout = 1000): Promise<void> {
    // Without a connection it fails at once: the writer continues through another member.
    await this.call(this.stub.Put, { key: Buffer.from(key), value: Buffer.from(value) }, timeout, false);
  }

  /** Reads one key, linearizable; undefined if there is none. */
  async get(key: string, timeout = 5000): Promise<string | undefined> {
    const { kvs } = await this.call(this.stub.Range, { key: Buffer.from(key) }, timeout);
    return kvs[0]?.value.toString();
  }

  /** Reads every key with this prefix, linearizable. */
  async list(prefix: string, timeout = 10_000): Promise<Map<string, string>> {
    const end = Buffer.from(prefix);
    end[end.length - 1]! += 1;
    const { kvs } = await this.call(this.stub.Range, { key: Buffer.from(prefix), rangeEnd: end }, timeout);
    return new Map(kvs.map(({ key, value }) => [key.toString(), value.toString()]));
  }

  close(): void {
    this.stub.close();
  }

  private call<Request, Response>(
    method: Call<Request, Response>,
    request: Request,
    timeout: number,
    /** Wait for a connection until the timeout; a member that came back may not be connected yet. */
    waitForReady = true,
  ): Promise<Response> {
    const metadata = new grpc.Metadata({ waitForReady });
    const options = { deadline: Date.now() + timeout };
    return new Promise((resolve, reject) =>
      method.call(this.stub, request, metadata, options, (error, response) =>
        error ? reject(error) : resolve(response),
      ),
    );
  }
}
