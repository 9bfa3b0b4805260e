package io.residual.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the page; {@code application.properties} names the model. */
@SpringBootApplication
public class UploadApplication {
    /** Made by Spring. */
    public UploadApplication() {}

    public static void main(String[] args) {
        SpringApplication.run(UploadApplication.class, args);
    }
}
