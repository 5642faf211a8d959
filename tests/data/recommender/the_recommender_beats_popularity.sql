-- Warns only: a version that does not is not served (see model_versions), and
-- on listening without taste (random data, a first day) none does.
{{ config(severity='warn') }}

with

recommendation_metrics as (

    select * from {{ ref('recommendation_metrics') }}
    where metric = 'ndcg'

),

newest as (

    select
        *,
        rank() over (order by measured_at desc) as age
    from recommendation_metrics

),

compared as (

    select
        max(value) filter (where recommender = 'model') as model_ndcg,
        max(value) filter (where recommender = 'popularity') as popularity_ndcg
    from newest
    where age = 1

)

select * from compared
where model_ndcg <= popularity_ndcg
