// Fits the tables of src/chat/answer-weights.ts: `node tools/fit-answer-weights.ts`.
//
// Data: half of the articles of SQuAD 2.0 in ../shared/data. Passages and units: the choice among
// those of one retrieval (conditional logit). Confidence: logistic regression between questions
// asked of the whole collection, and the same questions asked after their article was taken out.
// The other half of the articles is never looked at here; tests/evals/answers.test.ts is for that.
import { confidenceFeatures } from "../src/chat/confidence.ts";
import { passagesAsked } from "../src/chat/turn.ts";
import { readQuestion } from "../src/chat/question.ts";
import { rankPassages, rankUnits } from "../src/chat/rank.ts";
import { plainIndex } from "../tests/evals/answers-bm25.ts";
import { containsAnswer, halvesOf, loadSquad } from "../tests/evals/answers-data.ts";
import type { PlainIndex } from "../tests/evals/answers-bm25.ts";
import type { SquadQuestion } from "../tests/evals/answers-data.ts";

type Row = { readonly features: readonly number[]; readonly isRight: boolean };

const { passages, questions } = loadSquad();
const [trainArticles] = halvesOf(passages.map(({ source }) => source.title));
const training = questions.filter((q) => q.answerable && trainArticles.has(q.article));
const whole = plainIndex(passages);
const what = process.argv[2] ?? "all";

function ranked(index: PlainIndex, { text }: SquadQuestion) {
  const { passages: found, statistics } = index.retrieve(text, passagesAsked);
  const question = readQuestion(text, statistics);
  return { question, ranking: rankPassages(question, found) };
}

/** Maximises the mean log-probability of the right rows, against the others of their group. */
function fitChoice(groups: readonly (readonly Row[])[], size: number): readonly number[] {
  const usable = groups.filter((rows) => rows.some((row) => row.isRight));
  return ascend(size, (weights) => {
    const gradient = zeros(size);
    for (const rows of usable) {
      const odds = softmaxOf(rows.map(({ features }) => dot(weights, features)));
      const right = rows.reduce((sum, row, i) => sum + (row.isRight ? (odds[i] ?? 0) : 0), 0);
      rows.forEach(({ features, isRight }, i) => {
        const p = odds[i] ?? 0;
        const pull = (isRight ? p / Math.max(right, 1e-9) : 0) - p;
        features.forEach((value, j) => (gradient[j] = (gradient[j] ?? 0) + pull * value));
      });
    }
    return gradient.map((value) => value / usable.length);
  });
}

/** Logistic regression. */
function fitYes(rows: readonly Row[], size: number): readonly number[] {
  return ascend(size, (weights) => {
    const gradient = zeros(size);
    for (const { features, isRight } of rows) {
      const pull = (isRight ? 1 : 0) - 1 / (1 + Math.exp(-dot(weights, features)));
      features.forEach((value, j) => (gradient[j] = (gradient[j] ?? 0) + pull * value));
    }
    return gradient.map((value) => value / rows.length);
  });
}

/** Adam with a little weight decay; the problems are small and convex enough. */
function ascend(size: number, slopeAt: (weights: readonly number[]) => readonly number[]) {
  const weights = zeros(size);
  const mean = zeros(size);
  const square = zeros(size);
  for (let step = 1; step <= 400; step += 1) {
    const slope = slopeAt(weights);
    for (let j = 0; j < size; j += 1) {
      const g = (slope[j] ?? 0) - 1e-4 * (weights[j] ?? 0);
      mean[j] = 0.9 * (mean[j] ?? 0) + 0.1 * g;
      square[j] = 0.99 * (square[j] ?? 0) + 0.01 * g * g;
      const direction = (mean[j] ?? 0) / (1 - 0.9 ** step);
      const size = Math.sqrt((square[j] ?? 0) / (1 - 0.99 ** step)) + 1e-8;
      weights[j] = (weights[j] ?? 0) + (0.1 * direction) / size;
    }
  }
  return weights;
}

function zeros(size: number): number[] {
  return Array.from({ length: size }, () => 0);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function softmaxOf(scores: readonly number[]): readonly number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function print(title: string, names: readonly string[], weights: readonly number[]): void {
  console.log(`\n${title}`);
  names.forEach((name, i) => console.log(`  ${name}: ${(weights[i] ?? 0).toFixed(2)},`));
}

function fitPassages(): void {
  let names: readonly string[] = [];
  const groups = training.map((asked) =>
    ranked(whole, asked).ranking.map(({ read }): Row => {
      names = Object.keys(read.features);
      const isRight = read.passage.documentKey === asked.contextId;
      return { features: Object.values(read.features), isRight };
    }),
  );
  print("passageWeights", names, fitChoice(groups, names.length));
}

/** The kinds that SQuAD does not hold (rows, code) get no weight here; they are set by hand. */
function fitUnits(): void {
  let names: readonly string[] = [];
  const groups = training.map((asked) =>
    rankUnits(ranked(whole, asked).ranking).map((candidate): Row => {
      names = Object.keys(candidate.features);
      const isRight =
        candidate.passage.passage.documentKey === asked.contextId &&
        containsAnswer(candidate.read.unit.shown, asked.answers);
      return { features: Object.values(candidate.features), isRight };
    }),
  );
  print("unitWeights", names, fitChoice(groups, names.length));
}

function fitConfidence(): void {
  const without = new Map(
    [...trainArticles].map((article) => [
      article,
      plainIndex(passages.filter(({ source }) => source.title !== article)),
    ]),
  );
  let names: readonly string[] = [];
  const rowOf = (index: PlainIndex, asked: SquadQuestion, isRight: boolean): readonly Row[] => {
    const { question, ranking } = ranked(index, asked);
    const best = rankUnits(ranking)[0];
    if (best === undefined) return [];
    const features = confidenceFeatures(question, best.passage, best.read);
    names = ["intercept", ...Object.keys(features)];
    return [{ features: [1, ...Object.values(features)], isRight }];
  };
  const rows = training.flatMap((asked) => [
    ...rowOf(whole, asked, true),
    ...rowOf(without.get(asked.article) ?? whole, asked, false),
  ]);
  print("confidenceWeights", names, fitYes(rows, names.length));
}

console.log(`${training.length} questions of ${trainArticles.size} articles`);
// Each table is fitted on the ones before it as they stand: run again after changing one.
if (what === "all" || what === "passages") fitPassages();
if (what === "all" || what === "units") fitUnits();
if (what === "all" || what === "confidence") fitConfidence();
