import { awsAnswer } from "./awsAnswers";
import { issue, issues, type IssuerOptions } from "./issuer";
import { urnOfProvider } from "./options";
import type { RecordedResource } from "./recording";
import { named, Refusal } from "./refusal";
import { reveal, Secret, withSecrets, type Properties } from "./values";

/** What a provider would answer. */
interface Provided {
  id?: string;
  outputs: Properties;
}

/**
 * Answers as the providers would: ids and names from AWS, real keys and certificates from `tls`. It makes nothing
 * anywhere.
 */
export class Providers {
  constructor(
    private readonly region: string,
    private readonly resources: ReadonlyMap<string, RecordedResource>,
    private readonly options: { preview?: boolean; issuer?: IssuerOptions },
  ) {}

  /** @throws Refusal for an existing resource whose outputs cannot be made up */
  async provide(resource: RecordedResource): Promise<Provided> {
    const { id, outputs } = await this.made(resource);
    const secret = new Set(resource.options.additionalSecretOutputs);
    return {
      id: resource.options.import ?? id,
      outputs: withSecrets(outputs, (name) => secret.has(name)),
    };
  }

  /**
   * The region of a resource or a function: its own, its provider's or the stack's.
   * @param provider reference to a provider; empty for the default one
   */
  readonly regionOf = (given: Properties, provider: string): string => {
    const ofProvider = this.resources.get(urnOfProvider(provider))?.inputs.region;
    return [given.region, ofProvider].find((region) => typeof region === "string") ?? this.region;
  };

  private async made(resource: RecordedResource): Promise<Provided> {
    const { type, name, inputs, options } = resource;
    if (issues(type) && options.import !== undefined)
      throw new Refusal(
        `${named(resource)}: import`,
        "what was issued elsewhere is in the state alone",
        "import it by a command of pulumi, and drop the option",
      );
    // What a provider would add is then missing, which the SDK treats as unknown.
    if (this.options.preview) return { outputs: inputs };
    if (issues(type)) return this.issued(resource);
    if (type.startsWith("aws:"))
      return awsAnswer(type, name, this.regionOf(inputs, options.provider ?? ""), inputs);
    return { id: name, outputs: inputs };
  }

  private async issued({ urn, type, name, inputs }: RecordedResource): Promise<Provided> {
    const plain = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, reveal(value)]));
    const { kept } = this.options.issuer ?? {};
    const identity = JSON.stringify([urn, plain]);
    const issued =
      kept?.get(identity) ??
      (await issue(type, plain, this.options.issuer).catch((error: Error) => {
        throw new Error(`${name} (${type}): ${error.message}`);
      }));
    kept?.set(identity, issued);
    const { id, outputs, secretOutputs } = issued;
    // What came in as a secret stays one, and so does what the provider marks as secret.
    const secret = (key: string) => inputs[key] instanceof Secret || secretOutputs.includes(key);
    return { id, outputs: withSecrets(outputs, secret) };
  }
}
