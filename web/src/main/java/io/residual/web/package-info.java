/**
 * HTTP servers' common rules: access control, limits, slow clients, and errors as JSON.
 *
 * <p>Never lets one client hold a thread by sending or receiving slowly. From other machines, everything but health
 * checks needs a token.
 */
@org.jspecify.annotations.NullMarked
package io.residual.web;
