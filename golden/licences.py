"""Writes docs/licences.md from the bills of materials that `mvn verify` makes.

    python golden/licences.py {cli,spark,spring-boot,langchain4j}/target/bom.json > docs/licences.md
"""
import json
import sys

rows = {}
for path in sys.argv[1:]:
    for component in json.load(open(path))["components"]:
        if component.get("group") == "io.residual":
            continue
        name = "%s:%s" % (component.get("group", ""), component["name"])
        licences = [l.get("expression") or l["license"].get("id") or l["license"].get("name") for l in component.get("licenses", [])]
        rows[(name, component["version"])] = sorted(set(licences))

print("# Licences of what is shipped")
print()
print("This table is made from the bills of materials of the command, the Spark module, the Spring Boot starter and the module for LangChain4j")
print("(`golden/licences.py`). Where several licences are named, most libraries")
print("offer a choice: JavaCPP's presets (Apache-2.0, or GPL-2.0 with the class path exception), Jetty and Jakarta")
print("(EPL-2.0 or Apache-2.0 or GPL-2.0 with the exception). MKL has Intel's Simplified Software License; leave it out with")
print("`-Dresidual.blas=openblas`.")
print()
print("| library | version | licences |")
print("|---|---|---|")
for (name, version), licences in sorted(rows.items()):
    print("| %s | %s | %s |" % (name, version, ", ".join(licences) or "not stated in its POM"))
print()
print("The tables in `vision`'s `text-cleaning.txt` are made by `golden/make_text_cleaning.py`: character categories, encodings and ligatures of")
print("ftfy 6.3 (Copyright Robyn Speer, Apache-2.0; changed in form), HTML's named character references (by way of Python's `html.entities`,")
print("PSF-2.0), and character properties of Unicode (Unicode-3.0).")
