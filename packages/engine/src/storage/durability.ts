/**
 * What an acknowledged write survives (ST-21): `process`: the death of any process at any moment; `power`: also loss of power and a crash
 * of the operating system. Stores other than local disks know one level only, their own.
 */
export type Durability = "process" | "power";
