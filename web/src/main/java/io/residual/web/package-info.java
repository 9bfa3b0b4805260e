/** What every server of the program keeps to: who may ask, how much, and what an error looks like. */
@org.jspecify.annotations.NullMarked
package io.residual.web;
