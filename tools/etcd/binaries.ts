export const names = ["etcd", "etcdctl", "etcdutl"] as const;
export type Name = (typeof names)[number];
