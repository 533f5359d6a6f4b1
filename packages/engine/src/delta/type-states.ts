import type { DatasetPin } from "../manifest/manifest.js";
import type { DatasetAdministration, DatasetGateway, PinnedDataset } from "../storage/dataset-gateway.js";
import { HistoricalVersionReclaimedError } from "../storage/errors.js";
import { type CommonPoint, CommonPoints } from "./common-point.js";
import type { ChangeSearch, TypeState } from "./find-changes.js";

/** Opens states of a type for comparison, with what is known about their common past. */
export class TypeStates {
  readonly points: CommonPoints;
  readonly #datasets: DatasetGateway;

  constructor(datasets: DatasetGateway, administration: Pick<DatasetAdministration, "listForks">) {
    this.#datasets = datasets;
    this.points = new CommonPoints((directory) => administration.listForks(directory));
  }

  /** @throws HistoricalVersionReclaimedError */
  async open(pin: DatasetPin | undefined): Promise<TypeState> {
    if (pin === undefined || pin.entityCount === 0) return { dataset: undefined, rowCount: 0 };
    return { dataset: await this.#datasets.openPinned(pin.location, pin.publishedVersion), rowCount: pin.entityCount };
  }

  /** Both states, and from which rows on they can differ. @throws HistoricalVersionReclaimedError */
  async openPair(source: DatasetPin | undefined, base: DatasetPin | undefined): Promise<Pick<ChangeSearch, "source" | "base" | "commonVersion" | "common" | "isBaseCommon">> {
    const point = source === undefined || base === undefined ? undefined : await this.points.find(source, base);
    const isBaseCommon = point !== undefined && base !== undefined && isAt(base, point);
    const [sourceState, baseState] = await Promise.all([this.open(source), this.open(base)]);
    const common = point === undefined || isBaseCommon || source === undefined ? undefined : await this.#openPoint(source, point);
    return { source: sourceState, base: baseState, commonVersion: point?.version, common, isBaseCommon };
  }

  /** The state at a fork point; undefined when it is no longer kept. Then deletions are found the long way. */
  async #openPoint({ location }: DatasetPin, { nativeBranch, version }: CommonPoint): Promise<TypeState | undefined> {
    let dataset: PinnedDataset;
    try {
      dataset = await this.#datasets.openPinned({ directory: location.directory, nativeBranch }, version);
    } catch (error) {
      if (error instanceof HistoricalVersionReclaimedError) return undefined;
      throw error;
    }
    return { dataset, rowCount: await dataset.countRows() };
  }
}

/** Whether two commits show the very same rows of a type, without a look at them. */
export function isSameState(left: DatasetPin, right: DatasetPin | undefined): boolean {
  return right !== undefined && left.location.directory === right.location.directory && isAt(left, { nativeBranch: right.location.nativeBranch, version: right.publishedVersion });
}

function isAt({ location, publishedVersion }: DatasetPin, point: CommonPoint): boolean {
  return location.nativeBranch === point.nativeBranch && publishedVersion === point.version;
}
