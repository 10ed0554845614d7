// The strategy @kebab@, on a weight that no other rule picks it for.
