name := "shop"
scalaVersion := "3.3.6"
resolvers ++= sys.props.get("staged").map("staged" at _).toSeq

libraryDependencies ++= Seq(
  "io.residual" % "residual" % "0.1.0",
  "io.residual" % "residual-natives-linux-x86_64" % "0.1.0" % Runtime,
  "io.residual" % "residual-world" % "0.1.0" % Runtime // only for the models that ship
)
