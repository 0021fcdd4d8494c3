import { awsInvoke } from "./awsAnswers";
import type { RecordedResource } from "./recording";
import { Refusal } from "./refusal";
import { messages, type Provider, type Resource } from "./sdk";
import type { Transforms } from "./transforms";
import { decodeWire, encode, fromWire, type Properties } from "./values";

/** The function by which the SDK finds a resource of this program from a reference to it. */
const getResource = "pulumi:pulumi:getResource";

/** Answers functions of providers, as far as that needs no cloud. */
export class Invokes {
  /** @param regionOf region of a resource or function, from its inputs and its provider's reference */
  constructor(
    private readonly transforms: Transforms,
    private readonly resources: ReadonlyMap<string, RecordedResource>,
    private readonly regionOf: (given: Properties, provider: string) => string,
  ) {}

  /** @throws Refusal for a function that has no answer offline */
  async answer(request: Resource.ResourceInvokeRequest): Promise<Provider.InvokeResponse> {
    const token = request.getTok();
    const declared = new messages.resource.TransformInvokeOptions()
      .setProvider(request.getProvider())
      .setVersion(request.getVersion())
      .setPluginDownloadUrl(request.getPlugindownloadurl());
    const { args, options } = await this.transforms.changeInvoke(
      token,
      fromWire(request.getArgs()),
      declared,
    );
    const given = decodeWire(args);
    const answer =
      token === getResource
        ? this.resource(String(given.urn))
        : awsInvoke(token, this.regionOf(given, options.getProvider()));
    if (answer === undefined)
      throw new Refusal(
        token,
        "its answer is known to the provider alone",
        "pass what you need as a setting",
      );
    return new messages.provider.InvokeResponse().setReturn(encode(answer));
  }

  private resource(urn: string): Properties {
    const found = this.resources.get(urn);
    if (found === undefined)
      throw new Refusal(
        urn,
        "is no resource that this program has registered so far",
        "pass what you need of it as a setting",
      );
    return { urn, id: found.id ?? "", state: found.outputs };
  }
}
