# Of nixpkgs' lib, what generated modules use; the semantics are in its manual.
let
  inherit (builtins)
    all
    any
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    isAttrs
    map
    mapAttrs
    substring
    stringLength
    ;
in
rec {
  inherit
    all
    any
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    mapAttrs
    ;
  mkOption = option: option // { _type = "option"; };
  mkEnableOption =
    text:
    mkOption {
      default = false;
      description = text;
    };
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  genAttrs = names: f: builtins.listToAttrs (map (name: nameValuePair name (f name)) names);
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: builtins.listToAttrs (map (name: f name set.${name}) (attrNames set));
  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: values: if condition then values else { };
  optionals = condition: values: if condition then values else [ ];
  optionalString = condition: text: if condition then text else "";
  boolToString = value: if value then "true" else "false";
  concatLines = lines: concatStringsSep "" (map (line: "${line}\n") lines);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  hasPrefix = start: text: substring 0 (stringLength start) text == start;
  getName = package: package.name;
  recursiveUpdate =
    old: new:
    old
    // mapAttrs (
      name: value:
      if isAttrs value && !(value ? _type) && isAttrs (old.${name} or null) then
        recursiveUpdate old.${name} value
      else
        value
    ) new;
  types = {
    str = "str";
    bool = "bool";
    path = "path";
    enum = values: "enum";
    listOf = type: "list";
    attrsOf = type: { each = type; };
    submodule = module: { inherit (module) options; };
    nullOr = type: "null or a value";
    ints = {
      positive = "int";
      between = low: high: "int";
    };
  };
}
