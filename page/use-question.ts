import { useState } from 'preact/hooks';
import { type MemberChange, NO_QUESTION, type Question } from './what-if.ts';

/** What is asked, and the ways to ask more or less. */
export interface Asking {
  readonly question: Question;
  readonly asked: boolean;
  /** Puts something over a member; what is undefined goes back to what it is in the federation. */
  change(member: string, change: { readonly [K in keyof MemberChange]: MemberChange[K] | undefined }): void;
  /** @param count undefined for what the federation asks for. */
  setReplicas(object: string, count: number | undefined): void;
  setAfresh(afresh: boolean): void;
  undo(member: string): void;
  undoAll(): void;
}

export function useQuestion(): Asking {
  const [question, setQuestion] = useState(NO_QUESTION);
  return {
    question,
    asked: question.members.size > 0 || question.replicas.size > 0 || question.afresh,
    change: (member, change) =>
      setQuestion((old) => {
        const given = Object.entries({ ...old.members.get(member), ...change }).filter(
          ([, value]) => value !== undefined && value !== 'there',
        );
        const value = given.length === 0 ? undefined : (Object.fromEntries(given) as MemberChange);
        return { ...old, members: put(old.members, member, value) };
      }),
    setReplicas: (object, count) => setQuestion((old) => ({ ...old, replicas: put(old.replicas, object, count) })),
    setAfresh: (afresh) => setQuestion((old) => ({ ...old, afresh })),
    undo: (member) => setQuestion((old) => ({ ...old, members: put(old.members, member, undefined) })),
    undoAll: () => setQuestion(NO_QUESTION),
  };
}

function put<T>(map: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
