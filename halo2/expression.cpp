#include "halo2/expression.hpp"

#include <algorithm>

namespace ll::halo2 {

Expression Expression::make(Kind kind, const Expression* left, const Expression* right, const Fr& value) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->value = value;
  if (left != nullptr) node->left = std::make_unique<const Expression>(*left);
  if (right != nullptr) node->right = std::make_unique<const Expression>(*right);
  return Expression(std::shared_ptr<const Node>(std::move(node)));
}

Expression::Expression(const Fr& constant) : Expression(make(Kind::constant, nullptr, nullptr, constant)) {}

Expression::Expression(Selector selector) {
  auto node = std::make_shared<Node>();
  node->kind = Kind::selector;
  node->selector = selector;
  node_ = std::move(node);
}

Expression::Expression(const Query& query) {
  auto node = std::make_shared<Node>();
  node->kind = Kind::query;
  node->query = query;
  node_ = std::move(node);
}

Expression::Expression(Challenge challenge) {
  auto node = std::make_shared<Node>();
  node->kind = Kind::challenge;
  node->challenge = challenge;
  node_ = std::move(node);
}

Expression operator+(const Expression& a, const Expression& b) {
  return Expression::make(Expression::Kind::sum, &a, &b, Fr::zero());
}
Expression operator-(const Expression& a) {
  return Expression::make(Expression::Kind::negated, &a, nullptr, Fr::zero());
}
Expression operator-(const Expression& a, const Expression& b) { return a + (-b); }
Expression operator*(const Expression& a, const Expression& b) {
  return Expression::make(Expression::Kind::product, &a, &b, Fr::zero());
}
Expression operator*(const Expression& a, const Fr& factor) {
  return Expression::make(Expression::Kind::scaled, &a, nullptr, factor);
}

std::size_t Expression::degree() const {
  switch (kind()) {
    case Kind::constant:
    case Kind::challenge:
      return 0;
    case Kind::selector:
    case Kind::query:
      return 1;
    case Kind::negated:
    case Kind::scaled:
      return left().degree();
    case Kind::sum:
      return std::max(left().degree(), right().degree());
    case Kind::product:
      return left().degree() + right().degree();
  }
  return 0;
}

void Expression::for_each_leaf(const std::function<void(const Expression&)>& visit) const {
  switch (kind()) {
    case Kind::negated:
    case Kind::scaled:
      return left().for_each_leaf(visit);
    case Kind::sum:
    case Kind::product:
      left().for_each_leaf(visit);
      return right().for_each_leaf(visit);
    default:
      return visit(*this);
  }
}

Expression Expression::replace_selectors(const std::function<Expression(Selector)>& replacement) const {
  switch (kind()) {
    case Kind::selector:
      return replacement(selector());
    case Kind::negated:
      return -left().replace_selectors(replacement);
    case Kind::scaled:
      return left().replace_selectors(replacement) * value();
    case Kind::sum:
      return left().replace_selectors(replacement) + right().replace_selectors(replacement);
    case Kind::product:
      return left().replace_selectors(replacement) * right().replace_selectors(replacement);
    default:
      return *this;
  }
}

Expression Expression::renumbered(const std::function<std::uint32_t(const Query&)>& index) const {
  switch (kind()) {
    case Kind::query:
      return Expression(Query{query().column, query().rotation, index(query())});
    case Kind::negated:
      return -left().renumbered(index);
    case Kind::scaled:
      return left().renumbered(index) * constant(value());
    case Kind::sum: {
      const Expression a = left().renumbered(index);
      return a + right().renumbered(index);
    }
    case Kind::product: {
      const Expression a = left().renumbered(index);
      return a * right().renumbered(index);
    }
    default:
      return *this;
  }
}

Fr Expression::evaluate(const std::function<Fr(const Query&)>& query_value,
                        const std::function<Fr(Challenge)>& challenge_value,
                        const std::function<Fr(Selector)>& selector_value) const {
  const auto of = [&](const Expression& e) { return e.evaluate(query_value, challenge_value, selector_value); };
  switch (kind()) {
    case Kind::constant:
      return value();
    case Kind::selector:
      return selector_value(selector());
    case Kind::query:
      return query_value(query());
    case Kind::challenge:
      return challenge_value(challenge());
    case Kind::negated:
      return -of(left());
    case Kind::scaled:
      return of(left()) * value();
    case Kind::sum:
      return of(left()) + of(right());
    case Kind::product:
      return of(left()) * of(right());
  }
  return Fr::zero();
}

}  // namespace ll::halo2
