export interface Common { list: { name: string; at: Date }[]; kind: import('./types.js').Plain }
