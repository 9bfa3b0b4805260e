plugins {
    application
}

repositories {
    providers.gradleProperty("staged").orNull?.let { maven(url = uri(it)) }
    mavenCentral()
}

dependencies {
    implementation(platform("io.residual:residual-bom:0.1.0"))
    implementation("io.residual:residual")
    runtimeOnly("io.residual:residual-natives-linux-x86_64")
    runtimeOnly("io.residual:residual-world") // only for the models that ship
}

application {
    mainClass = "shop.gradle.Shelf"
}
