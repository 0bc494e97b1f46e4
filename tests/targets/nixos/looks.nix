{
  a.b.c = true;
  "x.y" = [ "one" ];
  list = [
    1
    (-1)
    (lib.mkForce "x")
  ];
  script = ''
    set -eu
    echo ''${x} '''y'''
  '';
  "if" = { };
}
